namespace BuildRunner.Model.Supersede;

/// <summary>Represents a build of the tag, as its record is.</summary>
internal enum TaggedBuild : byte { Absent, Open, Superseded, Ended }
