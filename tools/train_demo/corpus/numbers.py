"""Number words of both languages, 0 to 99."""

_EN_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_EN_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
_FR_ONES = (
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze "
    "seize dix-sept dix-huit dix-neuf"
).split()
_FR_TENS = "_ _ vingt trente quarante cinquante soixante".split()


def english(number: int) -> str:
    """english(42) == "forty-two"."""
    if number < 20:
        return _EN_ONES[number]
    tens, ones = divmod(number, 10)
    return _EN_TENS[tens] + (f"-{_EN_ONES[ones]}" if ones else "")


def french(number: int) -> str:
    """french(71) == "soixante-et-onze", french(80) == "quatre-vingts" (1990 spelling)."""
    if number < 20:
        return _FR_ONES[number]
    if number == 80:
        return "quatre-vingts"
    if number > 80:
        return f"quatre-vingt-{_FR_ONES[number - 80]}"
    tens, rest = divmod(number, 10)
    if tens == 7:
        tens, rest = 6, rest + 10
    if rest == 0:
        return _FR_TENS[tens]
    link = "-et-" if rest in (1, 11) else "-"
    return _FR_TENS[tens] + link + _FR_ONES[rest]
