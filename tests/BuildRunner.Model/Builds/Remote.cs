namespace BuildRunner.Model.Builds;

/// <summary>How a build is at the CI.</summary>
internal enum Remote : byte { Absent, Accepted, Running, Succeeded, Cancelled }
