"""What can go wrong before, while and after a kernel is built and run; messages are one line."""

from sixrounds.errors import SixRoundsError


class CudaError(SixRoundsError):
    """A kernel cannot be built or run as asked."""


class CompileError(CudaError):
    """The compiler refuses the kernel; the message is its own, with the learner's file and line."""


class NotHereError(CudaError):
    """A part of CUDA that the lane in use does not have; says which lane has it."""


class LaunchError(CudaError):
    """A launch that the device would refuse: arguments, sizes, shared memory."""


class KernelError(CudaError):
    """A launch that had to be given up on the way. `report` says where and why."""

    def __init__(self, message: str, report: object = None) -> None:
        super().__init__(message)
        self.report = report


class RefusedError(CudaError):
    """A text that is not run for a grade, whatever it computes."""


class KernelWarning(UserWarning):
    """The checks found something in a launch that ran to its end."""
