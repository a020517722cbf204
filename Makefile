# The presets of CMakePresets.json by short names; each works from a fresh clone after script/bootstrap.
.PHONY: dev test asan tsan bench profile fuzz tidy format release golden
dev asan tsan release:
	cmake --preset $@ >/dev/null && cmake --build --preset $@
	$(if $(filter asan tsan,$@),cd build/$@ && TSAN_OPTIONS="suppressions=$(CURDIR)/tests/tsan.supp" ctest --output-on-failure -j2)
test:
	script/test
bench:
	script/bench
profile: release
	bench/profile
fuzz:
	cmake --preset fuzz >/dev/null && cmake --build --preset fuzz
	tests/fuzz/run
tidy:
	python3 tests/tidy/tidy.py
format:
	git ls-files 'src/*.[ch]' 'tests/*.[ch]' 'bench/*.[ch]' | xargs clang-format-14 -i
golden: dev
	cd build/dev && TM_GOLDEN_UPDATE=1 ctest -R 'schema|app/test_limits' -j2
