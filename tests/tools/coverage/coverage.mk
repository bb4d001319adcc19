# make coverage: the suite and a walk of all faults with gcov, and the share of
# lines that ran, file by file; fails below 90% in all. What did not run is listed
# by tests/tools/coverage/report -l build/coverage. It should be nothing but:
# - answers to a failure that no test can arrange: no memory, a broken disk, a
#   program that goes or a file that changes between two calls;
# - what another host does: arm64, a file system with reflinks or without
#   O_TMPFILE, no /dev/kvm;
# - guards against what the code before them lets not happen.
COVERAGE = $(B)/coverage
GCOV = --coverage -fprofile-update=atomic -fprofile-info-section=gcov_info \
	-fdata-sections
COUNTERS = $(COVERAGE)/counters.o -Wl,-T,tests/tools/coverage/counters.ld

coverage: $(B)/coverage/counters.o ## the share of lines that the tests run
	$(call need,bats:bats gcov:gcc)
	$(MAKE) B=$(COVERAGE) CFLAGS='-O0 -g $(GCOV)' \
	    LDFLAGS='$(LDFLAGS) --coverage $(COUNTERS)' counted
	status=0; tests/run -b $(COVERAGE) || status=$$?; \
	    python3 tests/tools/faults/walk.py $(COVERAGE) 9999 || status=$$?; \
	    tests/tools/coverage/report $(COVERAGE) && exit $$status

# Every program begins at zero. The fuzzers' corpora do not count: they only have
# to be borne.
counted: all $$(TEST_PARTS)
	find $(B) -name '*.counters' -delete
	find $(B) -type f -perm -u+x ! -name '*.*' ! -path '*/fuzz/*' -exec sh -c \
	    'umask 0; for p; do : >"$$p.counters" || exit; done' - {} +

$(B)/coverage/counters.o: tests/tools/coverage/counters.c
	@mkdir -p $(@D)
	$(call short,CC,$@)$(CC) -std=c17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Wall -Wextra -O1 -g \
	    -fPIC -c -o $@ $<

.PHONY: coverage counted
