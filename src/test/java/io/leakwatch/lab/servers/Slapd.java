package io.leakwatch.lab.servers;

import io.leakwatch.lab.Server;
import io.leakwatch.lab.Server.Installation;
import io.leakwatch.lab.Server.Leak;
import io.leakwatch.lab.Server.Memory;
import io.leakwatch.lab.Server.Start;
import io.leakwatch.lab.Server.Work;
import java.util.List;

/** OpenLDAP's slapd on an LMDB, whose entries a client modifies and reads. */
public final class Slapd {
  private static final String BIND = "-x -D cn=admin,dc=lab -w lab -H ldap://127.0.0.1:$PORT ";

  public static final Server SERVER =
      new Server(
          "slapd",
          Installation.of("slapd ldap-utils", "/usr/sbin/slapd -VV 2>&1 | head -n 1", ""),
          Memory.PTMALLOC,
          new Start(
              """
              mkdir db
              cat >slapd.conf <<END
              include /etc/ldap/schema/core.schema
              include /etc/ldap/schema/cosine.schema
              include /etc/ldap/schema/inetorgperson.schema
              pidfile $DIR/slapd.pid
              modulepath /usr/lib/ldap
              moduleload back_mdb
              database mdb
              maxsize 104857600
              dbnosync
              suffix "dc=lab"
              rootdn "cn=admin,dc=lab"
              rootpw lab
              directory $DIR/db
              END
              {
                printf 'dn: dc=lab\\nobjectClass: dcObject\\nobjectClass: organization\\n'
                printf 'dc: lab\\no: lab\\n\\n'
                i=0
                while [ $i -lt 1000 ]; do
                  i=$((i + 1))
                  printf 'dn: cn=u%d,dc=lab\\nobjectClass: inetOrgPerson\\n' $i
                  printf 'cn: u%d\\nsn: u\\ndescription: x\\n\\n' $i
                done
              } >fill.ldif
              """,
              "exec /usr/sbin/slapd -d 0 -f $DIR/slapd.conf -h ldap://127.0.0.1:$PORT", "", ""),
          new Work(
              "ldapadd " + BIND + "-f fill.ldif >/dev/null",
              """
              modify() {
                awk 'BEGIN { while (1) { i++
                    printf "dn: cn=u%d,dc=lab\\nchangetype: modify\\n", i % 1000 + 1
                    printf "replace: description\\ndescription: value %d\\n\\n", i } }' |
              """
                  + "    ldapmodify "
                  + BIND
                  + """
              >/dev/null
              }
              n=0
              while [ $n -lt $CLIENTS ]; do n=$((n + 1)); modify & done
              while :; do ldapsearch -x -LLL -H ldap://127.0.0.1:$PORT -b dc=lab '(sn=u)' >/dev/null; done
              """,
              2,
              ""),
          List.of(Leak.forgottenFree()));

  private Slapd() {}
}
