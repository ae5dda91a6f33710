"""The stub of an exercise whose answer is a variable: a query, a kernel's text, a plan."""

from typing import Any, NoReturn


class Todo:
    """Stands for an answer not written yet: every use raises NotImplementedError.

    Only assigning it and asking for its type work, so a notebook runs until the first real use.
    """

    def __init__(self, name: str) -> None:
        object.__setattr__(self, "_name", name)

    def _refuse(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        name = object.__getattribute__(self, "_name")
        raise NotImplementedError(f"{name} is not written yet")

    def __getattr__(self, attribute: str) -> NoReturn:
        self._refuse()

    # Python looks special methods up on the class, so each needs its own entry.
    __setattr__ = __str__ = __repr__ = __format__ = __bytes__ = __hash__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __bool__ = __len__ = __iter__ = __next__ = __contains__ = __call__ = _refuse
    __getitem__ = __setitem__ = __delitem__ = __index__ = __int__ = __float__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __mod__ = _refuse
    __truediv__ = __rtruediv__ = __matmul__ = __rmatmul__ = __neg__ = __array__ = _refuse
    __enter__ = __exit__ = __fspath__ = _refuse


def todo(name: str) -> Any:
    """The stub of the variable `name`; every use of it raises NotImplementedError."""
    return Todo(name)
