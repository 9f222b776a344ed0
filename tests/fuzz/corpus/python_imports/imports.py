import a.b as c, d
from . import x
from ...p import (y as z,
  w,)
