/*
 * calls.node, a Node-API addon (node_api.h): C functions called by their addresses, for the quick executable. It needs none but functions
 * whose parameters, eight at most, are integers and pointers: these are passed in the same way whatever their types, by the calling
 * conventions of System V's x86-64 and of arm64 (AAPCS64). koffi, which can call everything, takes 6 ms to load, this one. Compiled by
 * scripts/programs.mjs into calls.mjs.
 *
 *   open(path)                       handle of a library, 0 where it cannot be loaded; a text that ends in NUL, in a typed array
 *   find(handle, name)               address of its function of that name, 0 where there is none
 *   call(address, result, ...words)  result as below; a word is an integer (number or bigint), a typed array for its memory, or null
 *   errno()                          errno after the last call
 *   memory(array)                    address of a typed array's memory
 */
#include <stddef.h>
#include <stdint.h>

typedef struct environment *napi_env;
typedef struct value *napi_value;
typedef struct call_information *napi_callback_info;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);
enum type { NAPI_UNDEFINED, NAPI_NULL, NAPI_BOOLEAN, NAPI_NUMBER, NAPI_STRING, NAPI_SYMBOL, NAPI_OBJECT, NAPI_FUNCTION, NAPI_EXTERNAL, NAPI_BIGINT };

#define NAPI(name, ...) extern int name(napi_env, __VA_ARGS__)
NAPI(napi_create_function, const char *, size_t, napi_callback, void *, napi_value *);
NAPI(napi_create_int64, int64_t, napi_value *);
NAPI(napi_create_string_utf8, const char *, size_t, napi_value *);
NAPI(napi_get_cb_info, napi_callback_info, size_t *, napi_value *, napi_value *, void **);
NAPI(napi_get_null, napi_value *);
NAPI(napi_get_typedarray_info, napi_value, int *, size_t *, void **, napi_value *, size_t *);
NAPI(napi_get_value_bigint_int64, napi_value, int64_t *, _Bool *);
NAPI(napi_get_value_int64, napi_value, int64_t *);
NAPI(napi_set_named_property, napi_value, const char *, napi_value);
NAPI(napi_throw_type_error, const char *, const char *);
NAPI(napi_typeof, napi_value, int *);

extern void *dlopen(const char *, int);
extern void *dlsym(void *, const char *);
extern int *__errno_location(void);

/** What a function gives back: a number of 64 bits, signed or without a sign of 32, or a text that ends in NUL, null without one. */
enum result { RESULT_LONG, RESULT_INT, RESULT_UNSIGNED, RESULT_TEXT };
enum { RTLD_NOW = 2, MOST = 10, AUTO = -1 };

typedef int64_t function(int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t);

static int64_t last_errno;

static int read_word(napi_env env, napi_value value, int64_t *word) {
  int type;
  _Bool is_whole;
  void *memory;
  if (napi_typeof(env, value, &type)) return 0;
  if (type == NAPI_NUMBER) return !napi_get_value_int64(env, value, word);
  if (type == NAPI_BIGINT) return !napi_get_value_bigint_int64(env, value, word, &is_whole);
  if (type == NAPI_NULL) return 1;
  if (type != NAPI_OBJECT || napi_get_typedarray_info(env, value, NULL, NULL, &memory, NULL, NULL)) return 0;
  *word = (int64_t)memory;
  return 1;
}

/** 0, and an exception, where there are none that can be passed; words that are not given are 0. */
static int read_words(napi_env env, napi_callback_info information, int64_t words[MOST]) {
  napi_value given[MOST];
  size_t count = MOST;
  if (napi_get_cb_info(env, information, &count, given, NULL, NULL)) return 0;
  for (size_t at = 0; at < MOST; at++) words[at] = 0;
  if (count <= MOST) {
    size_t at = 0;
    while (at < count && read_word(env, given[at], &words[at])) at++;
    if (at == count) return 1;
  }
  napi_throw_type_error(env, NULL, "only ten integers, typed arrays and nulls can be passed");
  return 0;
}

static napi_value number(napi_env env, int64_t value) {
  napi_value result = NULL;
  napi_create_int64(env, value, &result);
  return result;
}

static napi_value text(napi_env env, const char *value) {
  napi_value result = NULL;
  if (value) napi_create_string_utf8(env, value, AUTO, &result);
  else napi_get_null(env, &result);
  return result;
}

static napi_value call(napi_env env, napi_callback_info information) {
  int64_t words[MOST];
  if (!read_words(env, information, words)) return NULL;
  int64_t result = ((function *)words[0])(words[2], words[3], words[4], words[5], words[6], words[7], words[8], words[9]);
  last_errno = *__errno_location();
  switch ((enum result)words[1]) {
    case RESULT_INT: return number(env, (int32_t)result);
    case RESULT_UNSIGNED: return number(env, (uint32_t)result);
    case RESULT_TEXT: return text(env, (const char *)result);
    default: return number(env, result);
  }
}

static napi_value open(napi_env env, napi_callback_info information) {
  int64_t words[MOST];
  return read_words(env, information, words) ? number(env, (int64_t)dlopen((const char *)words[0], RTLD_NOW)) : NULL;
}

static napi_value find(napi_env env, napi_callback_info information) {
  int64_t words[MOST];
  return read_words(env, information, words) ? number(env, (int64_t)dlsym((void *)words[0], (const char *)words[1])) : NULL;
}

static napi_value get_errno(napi_env env, napi_callback_info information) {
  (void)information;
  return number(env, last_errno);
}

static napi_value memory(napi_env env, napi_callback_info information) {
  int64_t words[MOST];
  return read_words(env, information, words) ? number(env, words[0]) : NULL;
}

__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  static const struct {
    const char *name;
    napi_callback code;
  } functions[] = {{"call", call}, {"errno", get_errno}, {"find", find}, {"memory", memory}, {"open", open}};
  for (size_t at = 0; at < sizeof functions / sizeof *functions; at++) {
    napi_value made;
    if (napi_create_function(env, functions[at].name, AUTO, functions[at].code, NULL, &made)) return NULL;
    if (napi_set_named_property(env, exports, functions[at].name, made)) return NULL;
  }
  return exports;
}
