# SPDX-License-Identifier: Apache-2.0
# A page as a script of bash: see run-page. Between fences, `ending` is what closes the block there.
function open_block(first, last, prints) {
    print first
    ending = last
    then_printed = prints
}

!inside && /^ *<!-- test: .* -->$/ { sub(/^ *<!-- test: /, ""); sub(/ -->$/, ""); print; printed = 0; next }
!inside && /^ *<!-- not run: .+ -->$/ { skip = 1; next }

!inside && /^ *```/ {
    inside = 1
    match($0, /^ */)
    indent = RLENGTH
    kind = substr($0, indent + 4)
    if (kind ~ /^sh( |$)/ && skip) open_block(": a block that is not run <<'END_OF_SKIPPED'", "END_OF_SKIPPED", 0)
    else if (kind == "sh") open_block("begin " NR "\n{", "} >\"$base/output\" 2>&1", 1)
    else if (kind == "sh fails") open_block("begin " NR "\nif {", "} >\"$base/output\" 2>&1; then false; fi", 1)
    else if (kind == "sh background") open_block("begin " NR "\nrun_in_background <<'END_OF_COMMAND'", "END_OF_COMMAND", 0)
    else if (kind == "text" && printed) open_block("prints <<'END_OF_PRINTED'", "END_OF_PRINTED", 0)
    else open_block("cat >\"$shown\" <<'END_OF_SHOWN'", "END_OF_SHOWN", 0)
    skip = 0
    next
}

inside && /^ *```$/ { print ending; inside = 0; printed = then_printed; next }
inside { print substr($0, indent + 1) }

# What a block prints stands right behind it.
!inside && NF { printed = 0 }
