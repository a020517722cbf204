# budget.awk - holds figures against a budget: awk [-v column=strict] -f budget.awk budget.txt FIGURES. Exit 1 when one is missed.
/^[[:space:]]*(#|$)/ { next }
FNR == NR { # budget: name, "least" or "most", loose, strict, aim
    if (NF != 5 || ($2 != "least" && $2 != "most")) { print "budget: " $0; bad = 1 }
    kind[$1] = $2
    limit[$1] = column == "strict" ? $4 : $3
    next
}
$1 in kind && limit[$1] != "-" {
    held = kind[$1] == "least" ? $2 >= limit[$1] + 0 : $2 <= limit[$1] + 0
    if (!held) {
        printf "missed: %s is %s %s, must be at %s %s\n", $1, $2, $3, kind[$1], limit[$1]
        bad = 1
    }
    n++
}
END {
    printf "budget: %d figures held against their limits\n", n
    exit bad
}
