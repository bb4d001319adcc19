# What the tests, the linters and the benchmarks need (Debian's names; tests/deps
# chooses between names, and puts the version of clang in place of %). Ubuntu has
# chromium as a snap alone.
DEBS_TEST = \
	android-sdk-libsparse-utils \
	asciinema \
	attr \
	bats \
	binutils \
	bsdextrautils \
	bzip2 \
	'chromium|' \
	clang \
	clang-format \
	clang-tidy \
	cpio \
	'crash|' \
	cppcheck \
	devscripts \
	dpkg-dev \
	dropbear-bin \
	e2fsprogs \
	expect \
	fish \
	gcc-aarch64-linux-gnu \
	gcc-riscv64-linux-gnu \
	gdb \
	genisoimage \
	git \
	gnuplot-nox \
	hyperfine \
	iproute2 \
	kmod \
	libarchive-tools \
	libc6-dev-arm64-cross \
	libc6-dev-riscv64-cross \
	'libclang-rt-%-dev' \
	libxml2-utils \
	lintian \
	lld \
	lz4 \
	lzop \
	mandoc \
	mtools \
	musl-tools \
	openssh-client \
	openssh-sftp-server \
	ovmf \
	p7zip \
	parallel \
	perl \
	ppp \
	procps \
	python3 \
	python3-jsonschema \
	python3-junitparser \
	python3-yaml \
	qemu-efi-aarch64 \
	'qemu-efi-loongarch64|' \
	qemu-system-mips \
	qemu-system-misc \
	qemu-system-ppc \
	'qemu-system-riscv|qemu-system-misc' \
	'qemu-system-s390x|qemu-system-misc' \
	qemu-utils \
	shellcheck \
	socat \
	sshfs \
	strace \
	time \
	util-linux \
	valgrind \
	'virtiofsd|' \
	xfsprogs \
	xz-utils \
	zip \
	zsh \
	zstd
# For make afl, make demo and make deb alone.
DEBS_TEST += $(if $(filter afl,$(MAKECMDGOALS)),afl++)
DEBS_RUN += $(if $(filter demo,$(MAKECMDGOALS)),cpio xz-utils) \
	$(if $(filter deb,$(MAKECMDGOALS)),dpkg-dev)

ifneq ($(filter deps,$(MAKECMDGOALS)),)
# What deps installs, the other goals look for: they get a make of their own.
DEPS_FIRST := $(filter-out deps,$(MAKECMDGOALS))
# To build and to run takes less than to test.
TESTING := $(if $(DEPS_FIRST),$(filter-out all deb demo install,$(DEPS_FIRST)),yes)
deps:
	tests/deps $(DEBS_BUILD) $(DEBS_RUN) $(if $(TESTING),$(DEBS_TEST))
	$(if $(DEPS_FIRST),+$(MAKE) $(DEPS_FIRST))
$(DEPS_FIRST): deps
	@:
.PHONY: deps $(DEPS_FIRST)
else ifeq ($(filter clean help uninstall dist fmt,$(MAKECMDGOALS)),)
missing := $(shell command -v $(PKG_CONFIG) >/dev/null || { echo $(PKG_CONFIG); exit; }; \
	for l in $(LIBS); do $(PKG_CONFIG) --exists $$l 2>/dev/null || echo $$l; done)
$(if $(missing),$(error missing: $(strip $(missing)), which 'make deps' \
	installs with all else (Debian: $(DEBS_BUILD))))
endif

# $(call need,program:package ...) ends a recipe that lacks a program.
need = @for p in $1; do command -v $${p%:*} >/dev/null || { echo \
	"missing: $${p%:*}, of package $${p\#*:}; 'make deps' installs it" >&2; \
	exit 1; }; done
