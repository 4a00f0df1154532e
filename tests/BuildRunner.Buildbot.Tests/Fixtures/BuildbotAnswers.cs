namespace BuildRunner.Buildbot.Tests.Fixtures;

/// <summary>Answers of a real master, cut to the parts that the runner reads.</summary>
internal static class BuildbotAnswers
{
    public const string Builders = """{"builders":[{"builderid":1,"name":"verify"}],"meta":{"total":1}}""";

    public const string Scheduler = """{"forceschedulers":[{"name":"force","builder_names":["verify"],"all_fields":[{"fullName":"reason"},{"fullName":null,"fields":[{"fullName":"build_request"}]}]}]}""";
}
