"""What Temml's MathML lacks for a browser to draw a formula as TeX does."""

from xml.etree import ElementTree

SCRIPTED = {"msub", "msup", "msubsup", "munder", "munderover"}
TALL = {"mfrac", "mtable", "munder", "munderover"}
OPERAND = {"mfrac", "mi", "mn", "msub", "msup", "msubsup"}
APPLICATION = "\N{FUNCTION APPLICATION}"
THIN = {"width": "0.1667em"}


def mended(mathml: str) -> str:
    """A formula of Temml, mended."""
    formula = ElementTree.fromstring(mathml)  # noqa: S314 - of our own formulas
    for element in list(formula.iter()):
        children = list(element)
        if element.tag in SCRIPTED:
            close_up(children[1:])
        if element.tag == "mover" and children[1].text == "~":
            children[1].text = "\N{SMALL TILDE}"  # the other one is heavy, and stands high
        if element.tag == "mtd" and element.get("class") == "tml-left":
            begin_with_binary(element)
        if bars := [child for child in children if child.text == "‖" and child.get("stretchy") == "true"]:
            keep_seamless(element, bars)
        if any(is_function(child) for child in children):
            space_functions(element)
    for dots in formula.iter("mo"):
        if dots.text == "…":  # the commas beside have the space
            dots.attrib |= {"lspace": "0em", "rspace": "0em"}
    return ElementTree.tostring(formula, encoding="unicode", short_empty_elements=False)


def close_up(scripts):
    """Have no space around the signs of a script."""
    for script in scripts:
        for sign in script.iter("mo"):
            if sign.text not in {",", ";"}:
                sign.attrib |= {"lspace": "0em", "rspace": "0em"}


def begin_with_binary(cell):
    """A sign at the beginning of an aligned line adds to what is above; Temml takes it for a number's."""
    first = next(cell.iter("mo"), None)
    if first is not None and first.text in {"+", "−"} and first.get("form") == "prefix":
        first.set("form", "infix")


def keep_seamless(element, bars):
    """Stretch the bars of a norm only around what is tall, for a stretched bar is put together of pieces."""
    tall = any(part.tag in TALL for part in element.iter())
    for bar in bars:
        bar.set("class", "bar") if tall else bar.set("stretchy", "false")


def is_function(element):
    """Whether an element is a function's name, with the space behind it."""
    return len(element) > 1 and element[1].text == APPLICATION


def space_functions(element):
    """Have space before the name of a function that is a factor, and none behind it before a comma."""
    for place, child in reversed(list(enumerate(element))):
        if not is_function(child):
            continue
        behind = element[place + 1] if place + 1 < len(element) else None
        if (behind is None or behind.text in {",", ".", ")"}) and child[-1].tag == "mspace":
            child.remove(child[-1])
        if place and element[place - 1].tag in OPERAND:
            element.insert(place, ElementTree.Element("mspace", THIN))
