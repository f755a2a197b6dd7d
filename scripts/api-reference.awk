# SPDX-License-Identifier: Apache-2.0
# What Doxygen reads of a header: the same lines, with the comments marked as documentation. A comment behind code belongs
# to that code; one before it, to what follows; the first one, to the file. What is indented in a comment is shown as it
# stands, unless it is a list.
{ line[NR] = $0 }

function plain(text) {
    gsub(/\\/, "&&", text)
    gsub(/@/, "\\@", text)
    gsub(/</, "\\<", text)
    gsub(/#/, "\\#", text)
    return text
}

function is_shown(number) { return line[number] ~ /^ *\*   +[^ ]/ && !in_list }

# A line inside of a comment of several lines.
function inner(number, text) {
    text = line[number]
    if (text ~ /^ *\*   +- /) in_list = 1
    else if (text !~ /^ *\*   +/) in_list = 0
    if (!is_shown(number)) return plain(text)
    sub(/^ *\*   /, shown ? "" : " * @verbatim ", text)
    shown = is_shown(number + 1)
    return shown ? text : text " @endverbatim"
}

# mark CODE OPENING COMMENT: the comment, opened as documentation. The first one is of the file: @headline is an alias.
function mark(code, opening, text) {
    if (!headline++) text = " @headline" text
    return code (opening == "//" ? "///" : "/**") (code ~ /[^ ]/ ? "<" : "") text
}

END {
    for (n = 1; n <= NR; n++) {
        text = line[n]
        if (inside) { print inner(n); if (text ~ /\*\/$/) inside = 0; continue }
        if (text ~ /^#/) { print text; continue }
        if (text ~ /SPDX-License-Identifier/) { print ""; continue }
        at = match(text, /\/\*|\/\/( |$)/)
        if (!at) { print text; continue }
        opening = substr(text, at, 2)
        comment = substr(text, at + 2)
        code = substr(text, 1, at - 1)
        if (opening == "/*" && comment !~ /\*\/$/) inside = 1
        print mark(code, opening, plain(comment))
    }
}
