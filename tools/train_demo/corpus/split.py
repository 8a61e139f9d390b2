"""Which operands are kept out of training.

The split is a hash of the key, and a key is the same in every phrasing, in both languages and for
a + b and b + a: what is held out is never trained on in any form.
"""

import zlib

ONE_IN = 8


def held_out(key: str) -> bool:
    return zlib.crc32(key.encode()) % ONE_IN == 0
