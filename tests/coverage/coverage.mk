# make coverage: the suite with gcov, and what it ran of each file.
coverage:
	$(MAKE) B=$(B)/coverage CFLAGS='-O0 -g --coverage' \
	    LDFLAGS='$(LDFLAGS) --coverage' check || true
	tests/coverage/report $(B)/coverage
.PHONY: coverage
