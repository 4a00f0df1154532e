namespace BuildRunner.Git.Merged;

/// <summary>Is told of each step, so that a test can end the process there. Absent otherwise.</summary>
internal delegate void MergedStepReached(MergedStep step);
