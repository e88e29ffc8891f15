# Run inside GDB: stops at each of the addresses once and writes what GDB knows there, one JSON object a stop.
import gdb
import json
import math
import os

LIMIT = 300


def plain(value):
    """A value as numbers, lists and objects; None where GDB says that it isn't there."""
    try:
        kind = value.type.strip_typedefs()
        if kind.code in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION):
            return {field.name or "(unnamed)": plain(value[field]) for field in kind.fields()}
        if kind.code == gdb.TYPE_CODE_ARRAY:
            low, high = kind.range()
            return [plain(value[at]) for at in range(low, min(high, low + LIMIT - 1) + 1)]
        if value.is_optimized_out:
            return None
        if kind.code == gdb.TYPE_CODE_FLT:
            number = float(value)
            return number if math.isfinite(number) else str(number)
        if kind.code == gdb.TYPE_CODE_PTR:
            return int(value) & 0xFFFFFFFF
        return int(value)
    except gdb.MemoryError:
        return "no memory"
    except gdb.error:
        return None


def variables(frame):
    found = {}
    block = frame.block()
    while block is not None:
        for symbol in block:
            if (symbol.is_variable or symbol.is_argument or symbol.is_constant) and symbol.name not in found:
                found[symbol.name] = plain(symbol.value(frame))
        if block.function is not None:
            return found
        block = block.superblock
    return found


def global_variable(name):
    symbol = gdb.lookup_global_symbol(name) or gdb.lookup_static_symbol(name)
    return plain(symbol.value())


def frames():
    frame = gdb.newest_frame()
    while frame is not None:
        if frame.function() is not None:
            yield {
                "name": frame.name(),
                "pc": frame.pc(),
                "line": frame.find_sal().line,
                "isInlined": frame.type() == gdb.INLINE_FRAME,
                "variables": variables(frame),
            }
        frame = frame.older()


gdb.execute("target remote 127.0.0.1:" + os.environ["NNASM_PORT"])
for address in json.loads(os.environ["NNASM_ADDRESSES"]):
    gdb.execute("tbreak *" + str(address), to_string=True)
globals_ = os.environ["NNASM_GLOBALS"].split()
with open(os.environ["NNASM_OUT"], "w") as out:
    for _ in range(int(os.environ["NNASM_STOPS"])):
        gdb.execute("continue", to_string=True)
        try:
            frame = gdb.selected_frame()
        except gdb.error:
            break
        stop = {
            "pc": frame.pc(),
            "cycles": int(gdb.parse_and_eval("$cycles")),
            "frames": list(frames()),
            "globals": {name: global_variable(name) for name in globals_},
        }
        out.write(json.dumps(stop) + "\n")
