using BuildRunner.Model.Builds;

namespace BuildRunner.Model.Slots;

/// <summary>How a build is at the CI.</summary>
internal enum AtCi : byte { Absent, Running, Ended }
