# A program that calls functions of common/ with words from the command line.
TEST_PARTS += $(B)/tests/common/call
$(B)/tests/common/call: $(B)/tests/common/call.o $(B)/libemu.a
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)
