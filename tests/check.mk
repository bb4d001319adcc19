# The suite. SRC is every source in C, LDLIBS what the tests' programs may link.
SRC := $(wildcard cmd/*.[ch] cmd/*/*.[ch] common/*.[ch] tests/*/*.[ch] tests/*/*/*.[ch] \
	share/*/*.[ch])
LDLIBS = -Wl,--as-needed $(call libs,$(LIBS))

parts: all $$(TEST_PARTS) ## what the tests run beside the commands

check: parts ## every test
	$(call need,bats:bats)
	tests/run -b $(B)

SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=undefined

check-san: ## the same under ASan and UBSan
	$(MAKE) B=$(B)/san LDFLAGS='$(LDFLAGS) $(SANITIZE)' \
	    CFLAGS='-O1 -g -fno-omit-frame-pointer $(SANITIZE)' check

soak: ## the same with many more rounds
	EMU_TEST_SOAK=1 $(MAKE) check

.PHONY: parts check check-san soak
