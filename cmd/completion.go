package cmd

import "github.com/spf13/cobra"

// directoryAt completes the argument at that place with directories, those before it with files, and no other.
func directoryAt(place int) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		switch {
		case len(args) < place:
			return nil, cobra.ShellCompDirectiveDefault
		case len(args) == place:
			return nil, cobra.ShellCompDirectiveFilterDirs
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
}

// noFiles keeps the shell from proposing files for flags that take none.
func noFiles(c *cobra.Command, flags ...string) {
	for _, name := range flags {
		_ = c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions) // fails for a flag that there is not
	}
}
