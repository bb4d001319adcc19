# make check-valgrind: emu-spawn's tests with emu-spawn under valgrind.
check-valgrind: all $$(TEST_PARTS) ## emu-spawn's tests under valgrind
	$(call need,valgrind:valgrind bats:bats)
	tests/tools/valgrind/run $(B)
.PHONY: check-valgrind
