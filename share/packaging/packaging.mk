dist: ## a tarball of what is committed, in B
	@mkdir -p $(B)
	git archive --prefix=emu-$(VERSION)/ -o $(B)/emu-$(VERSION).tar.gz HEAD
.PHONY: dist
