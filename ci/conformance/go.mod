module heddle/conformance

go 1.19
