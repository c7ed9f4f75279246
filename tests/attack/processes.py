"""What the processes of the suite have in common."""
import ctypes
import signal

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class Broken(Exception):
    """The suite could not do what it must."""


def end_with_parent():
    """Kills this process when its parent ends, so that nothing goes on when the suite is killed."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
