TEST_PARTS += $(B)/tests/whole/sandbox/hijack.so
$(B)/tests/whole/sandbox/hijack.so: tests/whole/sandbox/hijack.c
	@mkdir -p $(@D)
	$(call short,CC,$@)$(CC) -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -O2 -fPIC -shared -o $@ $<
