"""How an error names the value it was given."""


def got(value: object) -> str:
    """The value as an error shows it; an integer beyond Python's limit for printing, as such."""
    try:
        return f"got {value!r}"
    except ValueError:  # more than sys.get_int_max_str_digits() digits
        return "got an integer of thousands of digits"


def got_type(value: object) -> str:
    """The value and its type."""
    return f"{got(value)} of type {type(value).__name__}"
