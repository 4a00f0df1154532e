namespace BuildRunner.Model.Builds;

/// <summary>How a delivery ends. <see cref="GoOn"/> does not end it; all after <see cref="Now"/> postpone until that time has passed.</summary>
internal enum Outcome : byte { GoOn, Done, Now, Pause, Settling, Deadline, Grace, LastCall }
