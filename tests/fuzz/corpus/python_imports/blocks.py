try:
    import a
except ImportError:
    import b
else: import c
if TYPE_CHECKING:
	import d
elif sys.version_info >= (3, 11) and not (x or y):
	from e import *
