namespace BuildRunner.Git.Merged;

/// <summary>Called at each step, so that a test can kill the process there. Not registered otherwise.</summary>
internal delegate void MergedStepReached(MergedStep step);
