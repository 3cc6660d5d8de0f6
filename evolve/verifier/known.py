"""Methods that tests may call on values of the language and its library, whatever an instruction names."""

from __future__ import annotations

import array
import collections
import contextlib
import datetime
import decimal
import fractions
import io
import pathlib
import random
import re
import types
import unittest
from unittest import mock

_KINDS = (
    *(
        str,
        bytes,
        bytearray,
        int,
        float,
        complex,
        list,
        tuple,
        dict,
        set,
        frozenset,
        range,
        slice,
        memoryview,
        property,
    ),
    *(BaseException, OSError, StopIteration, UnicodeDecodeError, type, object, types.GeneratorType, types.FunctionType),
    *(types.CoroutineType, types.AsyncGeneratorType, types.SimpleNamespace, array.array, collections.deque),
    *(collections.Counter, collections.OrderedDict, collections.defaultdict, collections.ChainMap, datetime.datetime),
    *(datetime.timedelta, datetime.date, datetime.time, decimal.Decimal, fractions.Fraction, io.StringIO, io.BytesIO),
    *(io.TextIOWrapper, pathlib.Path, random.Random, re.Pattern, re.Match, unittest.TestCase, unittest.TestSuite),
    *(unittest.TestLoader, unittest.TextTestRunner, unittest.TestResult, mock.Mock, contextlib.ExitStack),
)
METHODS = frozenset(name for kind in _KINDS for name in dir(kind))
