/**
 * Which system calls a container may make: the same as docker's default profile, written by subject. What is not listed
 * fails with EPERM. Names of other architectures are fine: a runtime leaves out those its kernel does not have.
 */

const words = (text: string): string[] => text.trim().split(/\s+/);

/** Allowed to every container. */
export const always: readonly string[] = words(`
  ${/* files and directories */ ""}
  access chdir chmod chown chown32 close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64 fadvise64_64
  fallocate fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync flock fstat fstat64 fstatat64 fstatfs fstatfs64
  fsync ftruncate ftruncate64 futimesat getcwd getdents getdents64 ioctl lchown lchown32 link linkat _llseek lseek lstat lstat64 mkdir mkdirat
  mknod mknodat name_to_handle_at newfstatat open openat openat2 pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead
  readlink readlinkat readv rename renameat renameat2 rmdir sendfile sendfile64 splice stat stat64 statfs statfs64 statx symlink symlinkat sync
  sync_file_range syncfs tee truncate truncate64 umask unlink unlinkat utime utimensat utimensat_time64 utimes vmsplice write writev cachestat
  fgetxattr flistxattr fremovexattr fsetxattr getxattr lgetxattr listxattr llistxattr lremovexattr lsetxattr removexattr setxattr
  getxattrat listxattrat removexattrat setxattrat
  ${/* waiting for descriptors, asynchronous input and output */ ""}
  epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 fanotify_mark
  inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup
  io_submit _newselect poll ppoll ppoll_time64 pselect6 pselect6_time64 select signalfd signalfd4 timerfd_create timerfd_gettime
  timerfd_gettime64 timerfd_settime timerfd_settime64
  ${/* sockets */ ""}
  accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg recvmmsg_time64 recvmsg send sendmmsg sendmsg
  sendto setsockopt shutdown socketcall socketpair
  ${/* memory */ ""}
  brk get_thread_area madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mlock mlock2 mlockall mmap mmap2 mprotect mremap
  mseal msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect process_mrelease remap_file_pages set_thread_area
  ${/* processes, threads, signals */ ""}
  alarm execve execveat exit exit_group fork futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake getcpu getitimer getpgid
  getpgrp getpid getppid getpriority get_robust_list getrlimit getrusage getsid gettid ioprio_get ioprio_set kill nanosleep pause pidfd_open
  pidfd_send_signal prctl prlimit64 restart_syscall rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend
  rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sched_getaffinity sched_getattr sched_getparam sched_get_priority_max
  sched_get_priority_min sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam
  sched_setscheduler sched_yield setitimer setpgid setpriority setrlimit set_robust_list setsid set_tid_address sigaltstack sigprocmask
  sigreturn tgkill tkill ugetrlimit vfork wait4 waitid waitpid
  ${/* who one is, and giving rights up */ ""}
  capget capset getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getresgid getresgid32 getresuid getresuid32 getuid
  getuid32 landlock_add_rule landlock_create_ruleset landlock_restrict_self lsm_get_self_attr lsm_list_modules lsm_set_self_attr seccomp
  setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setregid setregid32 setresgid setresgid32 setresuid
  setresuid32 setreuid setreuid32 setuid setuid32
  ${/* System V and POSIX inter-process communication */ ""}
  ipc mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink msgctl msgget msgrcv
  msgsnd semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt shmget
  ${/* time, and the host */ ""}
  adjtimex clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep
  clock_nanosleep_time64 getrandom gettimeofday sysinfo time timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64
  timer_settime timer_settime64 times uname uretprobe
  ${/* reading and writing the memory of one's own processes: safe since Linux 4.8 checks ptrace rules after seccomp */ ""}
  process_vm_readv process_vm_writev ptrace
`);

/** Allowed on these architectures (Go's names). */
export const byArchitecture: Readonly<Record<string, readonly string[]>> = {
  amd64: words("arch_prctl modify_ldt"),
  "386": words("modify_ldt"),
  arm64: words("arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls"),
  arm: words("arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls"),
  ppc64le: words("sync_file_range2 swapcontext"),
  s390x: words("s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr"),
  riscv64: words("riscv_flush_icache"),
};

/** Allowed to a container that holds the capability. */
export const byCapability: Readonly<Record<string, readonly string[]>> = {
  CAP_DAC_READ_SEARCH: words("open_by_handle_at"),
  CAP_SYS_ADMIN:
    words(`bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick listmount lookup_dcookie mount mount_setattr move_mount
    open_tree perf_event_open quotactl quotactl_fd setdomainname sethostname setns statmount syslog umount umount2 unshare`),
  CAP_SYS_BOOT: words("reboot"),
  CAP_SYS_CHROOT: words("chroot"),
  CAP_SYS_MODULE: words("delete_module init_module finit_module"),
  CAP_SYS_PACCT: words("acct"),
  CAP_SYS_PTRACE: words("kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace"),
  CAP_SYS_RAWIO: words("iopl ioperm"),
  CAP_SYS_TIME: words("settimeofday stime clock_settime clock_settime64"),
  CAP_SYS_TTY_CONFIG: words("vhangup"),
  CAP_SYS_NICE: words("get_mempolicy mbind set_mempolicy set_mempolicy_home_node"),
  CAP_SYSLOG: words("syslog"),
  CAP_BPF: words("bpf"),
  CAP_PERFMON: words("perf_event_open"),
};

/** personality(2): PER_LINUX, PER_LINUX32, both with UNAME26, and the query 0xffffffff. */
export const personalities: readonly number[] = [0x0, 0x0008, 0x20000, 0x20008, 0xffffffff];

/** CLONE_NEW* of clone(2): namespaces are for CAP_SYS_ADMIN. */
export const namespaceFlags = 0x7e020000;
/** socket(2): any family but this, whose implementation reaches the hypervisor. */
export const AF_VSOCK = 40;
export const ENOSYS = 38;
export const EPERM = 1;
