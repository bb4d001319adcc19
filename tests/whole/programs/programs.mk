TEST_PARTS += $(B)/tests/whole/programs/fortified.o
