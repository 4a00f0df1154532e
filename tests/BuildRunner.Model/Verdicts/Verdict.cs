namespace BuildRunner.Model.Verdicts;

/// <summary>How the build is here.</summary>
internal enum Verdict : byte { None, Succeeded, Failed }
