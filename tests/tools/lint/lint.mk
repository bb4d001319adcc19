# make lint: the form of every source, and what static analysis says of it.
# gcc's analyzer takes a pointer kept in a list for a leak; leaks are found by the
# sanitizers instead.
ANALYZER = -O1 -fanalyzer -Wno-analyzer-malloc-leak -Werror
SCRIPTS_SH = $(wildcard cmd/*.sh) $(filter-out share/recipes/Makefile.%,$(wildcard share/recipes/*))
SCRIPTS_BASH = .ci/run tests/run tests/tools/farm/run tests/tools/lint/templates $(filter-out %.c %.mk,$(wildcard tests/tools/bench/*)) \
	tests/tools/fuzz/afl tests/tools/fuzz/run \
	tests/tools/coverage/report tests/tools/elsewhere/run tests/tools/valgrind/run tests/whole/kernels/fetch \
	share/completions/emu.bash
COMMANDS_C = $(filter cmd/%.c common/%.c,$(SRC))

lint: lint-form lint-analyzer lint-tidy lint-cppcheck lint-scripts lint-pages ## the form of every source, and what analysers say

fmt: ## clang-format, in place
	clang-format -i $(SRC)

lint-form:
	$(call need,clang-format:clang-format)
	@clang-format --dry-run -Werror $(SRC)
	tests/tools/lint/bats.py $(wildcard tests/*/*.bats) tests/lib.bash

lint-analyzer:
	@$(MAKE) -s CC=gcc B=$(B)/analyzer CFLAGS='$(ANALYZER)' all

lint-tidy:
	$(call need,clang-tidy:clang-tidy)
	@printf '%s\n' $(COMMANDS_C) | xargs -P 2 -n 16 sh -c 'clang-tidy --quiet "$$@" \
	    -- -std=c17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Icommon \
	    "-DVERSION=\"\"" "-DDATADIR=\"\"" 2>/dev/null' -

lint-cppcheck:
	$(call need,cppcheck:cppcheck)
	cppcheck -q --std=c11 --enable=warning,portability,performance \
	    --inline-suppr --suppress=ctuuninitvar --error-exitcode=1 \
	    --library=tests/tools/lint/cppcheck.cfg \
	    -Icommon cmd common

lint-scripts:
	$(call need,shellcheck:shellcheck checkbashisms:devscripts)
	shellcheck -s sh $(SCRIPTS_SH)
	checkbashisms -f $(SCRIPTS_SH)
	shellcheck -x -P SCRIPTDIR -s bash $(SCRIPTS_BASH)
	shellcheck -s sh tests/deps share/packaging/deb
	for ci in github gitlab; do \
	    tests/tools/elsewhere/steps $$ci . | shellcheck -s bash - || exit 1; done

lint-pages:
	$(call need,mandoc:mandoc)
	mandoc -Tlint -W warning $(MAN)

# Apart from lint: it fetches its linters from the npm registry.
lint-templates: ## the templates for CI, by linters of GitHub's and GitLab's formats (npx)
	$(call need,npx:npm git:git)
	tests/tools/lint/templates

.PHONY: fmt lint lint-form lint-analyzer lint-tidy lint-cppcheck lint-scripts \
	lint-pages lint-templates
