x = f"{a["b"]!r:>{w}}{{}}" rb"\"" u'''\n"
'''
y = 0x1_f + 1e-3j + .5if z else 0777
