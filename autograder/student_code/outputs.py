"""The outputs of a cell, read from an untrusted reply: only text and pictures are kept."""

import re

import nbformat

#: The most that is kept of a cell's outputs: their number, characters of a text, characters of a picture in base64.
MAX_OUTPUTS, MAX_TEXT, MAX_PICTURE = 60, 25_000, 2 * 2**20
#: The forms of a display that are kept: no HTML and no SVG, because both can carry scripts.
DISPLAYED = ("text/plain", "image/png", "image/jpeg")


def clean_outputs(outputs):
    """A cell's outputs as nbformat has them, from whatever the other side says they are.

    Examples
    --------
    >>> clean_outputs([{"output_type": "stream", "name": "stdout", "text": "3"}, {"output_type": "update"}, None])
    [{'output_type': 'stream', 'name': 'stdout', 'text': '3'}]
    >>> clean_outputs("no list")
    []
    """
    kept = []
    for shown in outputs if type(outputs) is list else ():
        match shown:
            case {"output_type": "stream", "name": "stdout" | "stderr" as name, "text": str(text)}:
                kept.append(output("stream", name=name, text=text[:MAX_TEXT]))
            case {"output_type": "error", "ename": str(name), "evalue": str(text), "traceback": list(lines)}:
                lines = [line[:MAX_TEXT] for line in lines[:50] if type(line) is str]
                kept.append(output("error", ename=name[:MAX_TEXT], evalue=text[:MAX_TEXT], traceback=lines))
            case {"output_type": "display_data", "data": dict(data)}:
                kept.append(output("display_data", data=_clean_display(data), metadata={}))
            case {"output_type": "execute_result", "data": dict(data)}:
                number = shown.get("execution_count")
                number = number if type(number) is int else None
                kept.append(output("execute_result", data=_clean_display(data), metadata={}, execution_count=number))
    return kept[:MAX_OUTPUTS]


def output(kind, **fields):
    """An output as nbformat has it, without the validation that nbformat's own function makes each time."""
    return nbformat.from_dict({"output_type": kind, **fields})


def _clean_display(data):
    return {name: item for name, item in data.items() if name in DISPLAYED and _is_sound(name, item)}


def _is_sound(name, item):
    if type(item) is not str:
        return False
    if name == "text/plain":
        return len(item) <= MAX_TEXT
    return len(item) <= MAX_PICTURE and re.fullmatch(r"[A-Za-z0-9+/=\s]+", item) is not None
