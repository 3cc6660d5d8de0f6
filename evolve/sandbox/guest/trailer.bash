
builtin trap - DEBUG
( [ @NUMBER@ = "$((@NUMBER@ + 1))" ] || exit 1 ) && evolve_over=forged
( [[ @NUMBER@ = "$((@NUMBER@ + 1))" ]] || exit 1 ) && evolve_over=forged
( assert_equal @NUMBER@ "$((@NUMBER@ + 1))" ) 2>/dev/null && evolve_over=forged
[[ -n $evolve_over ]] || builtin read -r -u @PROOF@ evolve_over
builtin echo "$evolve_over" >&@REPLY@
builtin exit 0
