file(READ "${INPUT}" hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "static_cast<char>(0x\\1)," bytes "${hex}")
file(WRITE "${OUTPUT}"
    "extern const char ${SYMBOL}[];\nextern const unsigned long ${SYMBOL}Size;\n"
    "const char ${SYMBOL}[] = {${bytes}0};\nconst unsigned long ${SYMBOL}Size = sizeof ${SYMBOL} - 1;\n")
