# What the tests, the linters and the benchmarks need (Debian's names).
DEBS_TEST = bats clang clang-format clang-tidy cppcheck shellcheck \
	devscripts mandoc zstd xz-utils hyperfine python3 libclang-rt-14-dev \
	gcc-aarch64-linux-gnu cpio
