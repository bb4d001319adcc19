# A program that calls functions of common/ with words from the command line.
TEST_PARTS += $(B)/tests/common/call
$(B)/tests/common/call: $(B)/tests/common/call.o $(B)/libemu.a
	$(call short,CC,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

# Without the build's own flags: it is no part of a sanitized program.
TEST_PARTS += $(B)/tests/common/poor_fs.so
$(B)/tests/common/poor_fs.so: tests/common/poor_fs.c
	@mkdir -p $(@D)
	$(call short,CC,$@)$(CC) -std=gnu17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Wall -Wextra -O1 -fPIC -shared -o $@ $<

# The cases of a line that ports share.
TEST_PARTS += $(B)/tests/common/shared_line
$(B)/tests/common/shared_line: $(B)/tests/common/shared_line.o $(B)/libemu.a
	$(call short,CC,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)
