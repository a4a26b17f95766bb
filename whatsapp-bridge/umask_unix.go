//go:build unix

package main

import "golang.org/x/sys/unix"

// keepFilesPrivate makes every file of this process readable by its owner alone, those of SQLite too.
func keepFilesPrivate() { unix.Umask(0o077) }
