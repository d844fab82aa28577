"""Succeeds where something answers."""
import sys
from urllib.request import urlopen

urlopen(sys.argv[1], timeout=2)
