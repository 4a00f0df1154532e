using BuildRunner.Model.Builds;

namespace BuildRunner.Model.Attempts;

/// <summary>Represents a build at the CI, with the attempt whose trigger key it has.</summary>
internal readonly record struct CiBuild(byte Attempt, CiStatus Status);
