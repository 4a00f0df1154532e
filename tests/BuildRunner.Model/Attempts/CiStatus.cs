namespace BuildRunner.Model.Attempts;

/// <summary>How a build is at the CI. One that is stopped runs again before the delay is over in which that is not believed.</summary>
internal enum CiStatus : byte { Running, Succeeded, Infra, Stopped, Cancelled }
