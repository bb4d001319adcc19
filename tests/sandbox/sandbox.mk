TEST_PARTS += $(B)/tests/sandbox/hijack.so
$(B)/tests/sandbox/hijack.so: tests/sandbox/hijack.c
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -O2 -fPIC -shared -o $@ $<
