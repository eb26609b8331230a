"""How an error names the value it was given."""

LONGEST = 80  # characters


def got(value: object) -> str:
    """The value as an error shows it, cut where it is long."""
    try:
        shown = repr(value)
    except ValueError:  # an integer, beyond sys.get_int_max_str_digits()
        return "got an integer of thousands of digits"
    return f"got {shown}" if len(shown) <= LONGEST else f"got {shown[:LONGEST]}…"


def got_type(value: object) -> str:
    """The value and its type."""
    return f"{got(value)} of type {type(value).__name__}"


def type_name(value: object) -> str:
    """The type of a value; of an array, with its library."""
    name = type(value).__name__
    return f"{type(value).__module__.partition('.')[0]}.{name}" if name == "ndarray" else name
