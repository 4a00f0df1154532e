namespace BuildRunner.Model.Builds;

/// <summary>The status of a build, as the product has it. From <see cref="Succeeded"/> on it has ended.</summary>
internal enum Status : byte { Accepted, Running, Succeeded, Failed, Cancelled }
