// The harness's first file.
