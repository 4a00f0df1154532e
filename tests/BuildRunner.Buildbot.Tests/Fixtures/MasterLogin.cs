namespace BuildRunner.Buildbot.Tests.Fixtures;

/// <summary>A master that lets nobody read or build who is not logged in, and its user.</summary>
internal static class MasterLogin
{
    public const string UserName = "queue";
    public const string Password = "s3cret-passw0rd";
    public const string Configuration = $$"""
        c["www"]["auth"] = util.UserPasswordAuth({"{{UserName}}": "{{Password}}"})
        c["www"]["authz"] = util.Authz(allowRules=[util.AnyEndpointMatcher(role="builders")],
                                       roleMatchers=[util.RolesFromUsername(roles=["builders"], usernames=["{{UserName}}"])])
        """;
}
