//go:build !unix

package main

// keepFilesPrivate does nothing where there is no umask: a user's folders are private there already.
func keepFilesPrivate() {}
