# The suite. SRC is every source in C, LDLIBS what the tests' programs may link.
SRC := $(wildcard cmd/*.[ch] cmd/*/*.[ch] common/*.[ch] tests/*/*.[ch] tests/*/*/*.[ch] \
	share/*/*.[ch])
LDLIBS = -Wl,--as-needed $(call libs,$(LIBS))

parts: all $$(TEST_PARTS) ## what the tests run beside the commands

check: parts ## every test
	$(call need,bats:bats)
	tests/run -b $(B) $(TESTS)

SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=undefined

# What builds commands of its own, looks at a kernel, a shell or the Makefile, measures
# time, or boots guests with words and documents that other files look at says nothing
# more with them.
UNSANITIZED = $(addprefix tests/,$(addsuffix .bats,emu-argv/argv-boot emu-doc/doc-boot \
	tools/bench tools/circles tools/deps tools/lint tools/make tools/packaging tools/run \
	whole/completions whole/demo whole/farm whole/install whole/kernels whole/readme \
	whole/recipes whole/stacktrace whole/targets))

check-san: ## the same under ASan and UBSan
	$(MAKE) B=$(B)/san TESTS='$(filter-out $(UNSANITIZED),$(wildcard tests/*/*.bats))' LDFLAGS='$(LDFLAGS) $(SANITIZE)' \
	    CFLAGS='-O1 -g -fno-omit-frame-pointer $(SANITIZE)' check

soak: ## the same with many more rounds
	EMU_TEST_SOAK=1 $(MAKE) check

.PHONY: parts check check-san soak
