match x:
 case 1: import y; z
 case _:
  importlib.import_module(".q", "r")
